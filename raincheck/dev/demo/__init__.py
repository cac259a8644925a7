"""`make demo`: one run collected in each way, against Azurite and devhost."""
