"""Create Response: OpenAI's API of models and tools, POST /responses."""
