"""The pages of the app, made with NiceGUI: what is shown and typed. What follows from it stands in `smilejax.app`."""
