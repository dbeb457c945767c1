"""HTML → PDF, as a process of its own: HTML on standard input, the PDF on standard output.

Run by path, without the package, whose import would take longer than most of the typesetting;
so this imports the standard library and WeasyPrint only. What it may load is told by its two
arguments: files in the folder, addressed below the prefix. It never uses the network.
"""

import gc
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

NO_LIBRARY = 3
"""The exit status where the machine lacks the libraries that WeasyPrint stands on."""

NOWHERE = "http://kolapp.invalid/"
_TYPES = {".css": "text/css", ".woff2": "font/woff2", ".svg": "image/svg+xml"}


def main(folder: str, prefix: str) -> int:
    """Read, typeset, write. The exit status."""
    try:
        from weasyprint import HTML  # noqa: PLC0415 - the machine may lack what it loads
        from weasyprint.urls import URLFetcher, URLFetcherResponse  # noqa: PLC0415
    except (ImportError, OSError) as lack:
        sys.stderr.write(str(lack))
        return NO_LIBRARY

    class Built(URLFetcher):  # type: ignore[misc] # WeasyPrint has no types
        """Gives the built files, and nothing else."""

        def fetch(self, url: str, _headers: object = None) -> URLFetcherResponse:
            file = allowed(url, Path(folder), prefix)
            return URLFetcherResponse(
                url, file.read_bytes(), {"Content-Type": _TYPES.get(file.suffix, "")}
            )

    # A fifth of the time went into looking for garbage, of which one document makes next to none.
    gc.disable()
    page = HTML(string=sys.stdin.buffer.read().decode(), base_url=NOWHERE, url_fetcher=Built())
    # PDF/UA: tagged, with language, title and reading order, for those who listen to it.
    sys.stdout.buffer.write(page.write_pdf(pdf_variant="pdf/ua-1"))
    return 0


def allowed(url: str, folder: Path, prefix: str) -> Path:
    """The file of the folder that the address means; :class:`PermissionError` for any other."""
    path = unquote(urlsplit(url).path)
    file = (folder / path.removeprefix(prefix)).resolve()
    inside = url.startswith(NOWHERE) and path.startswith(prefix)
    if not inside or not file.is_relative_to(folder.resolve()):
        raise PermissionError(f"not a built file: {url}")
    return file


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
