"""Whether those who should not, can not."""
