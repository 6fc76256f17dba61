"""The only folder that reaches the network: robots.txt, pace, plan and the client."""
