/** The server-rendered pages. They work without script; each page that is live fetches its own part. */
import "../../look/look.css";
import "./pages.css";
import "./explorer.css";
import "./planner.css";
import "./charts.css";
import "./report.css";

if (document.getElementById("desk")) void import("./counter");
if (document.getElementById("ticket")) void import("./visitor");
if (document.getElementById("plan")) void import("./planner");
