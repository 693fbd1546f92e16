"""The browser console: pages and the fragments they refresh."""
