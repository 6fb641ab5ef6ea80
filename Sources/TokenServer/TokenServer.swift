// TokenServer
