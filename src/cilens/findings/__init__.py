"""What an application does with an image, for every face: nothing here prints or draws."""
