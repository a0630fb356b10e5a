"""What all views share: the base class, SVG, cards, the theme, following a server, pages."""
