"""The event history as a table: searchable, with a sentence for each event."""
