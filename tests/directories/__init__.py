"""Others who know the officers: a provider that can lie, and a slapd of one's own."""
