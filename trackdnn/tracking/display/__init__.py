"""Pictures of events: a page for the browser, and a static figure."""
