"""The interview that fills in a business profile: nine questions, and answers sorted into its entries.

A model sorts them where one is at hand; rules do it where none is, more coarsely: nothing is entered that was not said.
"""
