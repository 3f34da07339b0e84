"""Fake apps over real sockets: Radarr, Sonarr, Jellyfin, and a household with all three."""
