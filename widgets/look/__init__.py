"""What gives the window its look, apart from the colours: the style sheet's text and drawn icons."""
