"""Who may see and change what: every command, todo and page, by role and branch."""
