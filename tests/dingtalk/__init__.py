"""The DingTalk channel, against vectors and against its twin."""
