"""Tidy values to pictures: Vega-Lite for the screen, SVG for the memo."""
