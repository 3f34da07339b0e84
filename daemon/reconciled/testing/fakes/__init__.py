"""Fake apps over real sockets: Radarr, Sonarr, Jellyfin, Requests (made up), and a household with all.

Besides: Paperless-ngx, Shoko, VSRX, Seerr.
"""
