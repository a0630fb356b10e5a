"""The dev server's life: found or started, held as long as somebody uses it, stopped."""
