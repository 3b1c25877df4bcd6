"""How dates and times are written where no template says otherwise, as in the admin: by language."""
