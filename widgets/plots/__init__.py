"""Plots of results: plain widgets that paint themselves, with values under the mouse and a picture to take away."""
