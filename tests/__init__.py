"""The tests mirror the packages; flows/ and browser/ go across them."""
