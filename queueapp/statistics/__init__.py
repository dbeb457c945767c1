"""The figures: event rows → columns of visits → what is asked, as far as it may be shown.

``question`` says what can be asked, ``archive`` and ``facts`` keep visits in columns, ``engine``
opens them, ``cube`` counts, ``protection`` decides what may be shown, ``answer`` puts it together.
"""
