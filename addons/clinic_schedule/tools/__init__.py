"""Pure scheduling logic: no environment, no cursor; integer minutes in and out."""
