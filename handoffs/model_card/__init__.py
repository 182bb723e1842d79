"""Model cards in the Hugging Face layout: read tolerantly, judged, drafted and written; pure functions over text."""
