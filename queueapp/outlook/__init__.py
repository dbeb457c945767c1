"""The forecast of visits for the coming weeks, with how far it has missed lately."""
