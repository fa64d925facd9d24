"""Networks in .tflite files."""
