"""The four timeouts of an activity: where each begins and ends, before it runs and over its attempts."""
