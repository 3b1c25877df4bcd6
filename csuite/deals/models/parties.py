"""Customers, sellers and products: known by their names."""

from django.conf import settings
from django.db import models

from csuite.tenants.models import TenantOwned


class Customer(TenantOwned):
    name = models.CharField(max_length=160)
    sector = models.CharField(max_length=80, blank=True)
    country = models.CharField(max_length=80, blank=True)
    parent = models.CharField(max_length=160, blank=True, help_text="The company that it belongs to.")
    founded = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Year.")
    employees = models.PositiveIntegerField(null=True, blank=True)
    revenue = models.DecimalField(max_digits=20, decimal_places=2, null=True, blank=True, help_text="As it was given.")

    class Meta(TenantOwned.Meta):
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="customer_name_once")]

    def __str__(self) -> str:
        return self.name


class Seller(TenantOwned):
    """Who looks after deals. `user`: if she signs in here."""

    name = models.CharField(max_length=160)
    manager = models.CharField(max_length=160, blank=True)
    region = models.CharField(max_length=80, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta(TenantOwned.Meta):
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="seller_name_once")]

    def __str__(self) -> str:
        return self.name


class Product(TenantOwned):
    name = models.CharField(max_length=160)
    series = models.CharField(max_length=80, blank=True)
    price = models.DecimalField(max_digits=20, decimal_places=2, null=True, blank=True)

    class Meta(TenantOwned.Meta):
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="product_name_once")]

    def __str__(self) -> str:
        return self.name
