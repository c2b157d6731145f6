"""What the chapters are written with: bundles, the runtime under test, the TAP that comes out."""
