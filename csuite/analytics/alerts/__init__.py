"""Who is told when money or models need somebody: rules find, one alert is kept for each, deliveries tell of it."""
