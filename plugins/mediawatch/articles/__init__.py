"""From a page to an article: text, title, dates, language, and the one definition of the same URL."""
