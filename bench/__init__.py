"""What csuite's streaming costs, beside a bare relay on the same server and the provider's own stream."""
