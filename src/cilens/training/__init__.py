"""How the shipped networks are made; needs torch and onnx, which explaining does not."""
