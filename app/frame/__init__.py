"""The frame around the panels: workspaces, menus, settings, keys, languages, the tour, backups, the watchdog."""
