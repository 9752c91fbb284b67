"""Small inline components: their scripts write text as text, never as markup."""
