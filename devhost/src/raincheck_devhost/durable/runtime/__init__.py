"""What makes instances move: sessions, episodes, activities, timers, and the client that commands them."""
