// TokenCore
