"""What a page says: its lines put into blocks, in reading order, as text and as Markdown. Pure."""
