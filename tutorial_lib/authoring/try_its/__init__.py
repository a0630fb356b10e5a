"""What a lesson invites to try: the edit as metadata, made and judged by a run of the lesson."""
