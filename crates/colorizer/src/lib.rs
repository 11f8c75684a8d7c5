//! Colour for Game Boy frames: the trait, CIELAB, palettes and the background worker.
