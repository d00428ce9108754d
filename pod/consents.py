"""What people have agreed that apps may do in their names: kept, asked at every request, revoked."""
