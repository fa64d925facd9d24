"""Images with something done to them, and which pixels are the distortion's own."""
