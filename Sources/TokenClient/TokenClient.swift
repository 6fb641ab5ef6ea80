// TokenClient
