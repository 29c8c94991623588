"""The shop's lists beside sales: customers, products, store views, groups, in the shapes of 2.4.7."""

from typing import Any

from deploy.sandbox.seeds_catalogue import (
    ARTICLES,
    AUSTIN,
    COMPANIES,
    DUESSELDORF,
    GERMANS,
    PEOPLE,
    Article,
    Person,
)

Document = dict[str, Any]
GROUPS = ("NOT LOGGED IN", "General", "Wholesale", "Retailer")
_OPENED = "2026-09-01 08:00:00"


def customers(template: str) -> list[Document]:
    """Registered customers, by id."""
    people = [p for p in PEOPLE + COMPANIES + GERMANS if p.customer_id is not None]
    return [_customer(p, template) for p in sorted(people, key=lambda p: p.customer_id or 0)]


def _customer(person: Person, template: str) -> Document:
    german = person in GERMANS or template == "eu_vat"
    place = DUESSELDORF if german else AUSTIN
    id = person.customer_id or 0
    region = {
        "region_code": place.region_code or None,
        "region": place.region or None,
        "region_id": place.region_id,
    }
    address: Document = {
        "id": id,
        "customer_id": id,
        "region": region,
        "region_id": place.region_id,
        "country_id": place.country,
        "street": list(place.street),
        "telephone": "+1 555 0100",
        "postcode": place.postcode,
        "city": place.city,
        "firstname": person.first,
        "lastname": person.last,
        "default_shipping": True,
        "default_billing": True,
    }
    if person.company:
        address["company"] = person.company
    store = 2 if person in GERMANS else 1
    customer: Document = {
        "id": id,
        "group_id": person.group,
        "default_billing": str(id),
        "default_shipping": str(id),
        "created_at": _OPENED,
        "updated_at": _OPENED,
        "created_in": "Deutsch" if store == 2 else "Default Store View",
        "email": person.email,
        "firstname": person.first,
        "lastname": person.last,
        "store_id": store,
        "website_id": store,
        "addresses": [address],
        "disable_auto_group_change": 0,
        "extension_attributes": {"is_subscribed": False},
    }
    return customer | ({"taxvat": person.vat} if person.vat else {})


def products(template: str) -> list[Document]:
    """The catalogue, by id."""
    return [_product(article) for article in sorted(ARTICLES, key=lambda a: a.id)]


def _product(article: Article) -> Document:
    attributes: Document = {
        "options_container": "container2",
        "url_key": article.sku.lower(),
        "tax_class_id": "4" if article.reduced else "2",
        "category_ids": [],
    }
    product: Document = {
        "id": article.id,
        "sku": article.sku,
        "name": article.name,
        "attribute_set_id": 4,
        "price": article.price,
        "status": 1,
        "visibility": 4,
        "type_id": article.type,
        "created_at": _OPENED,
        "updated_at": _OPENED,
        "extension_attributes": {"website_ids": [1, 2]},
        "product_links": [],
        "options": [],
        "media_gallery_entries": [],
        "tier_prices": [],
        "custom_attributes": [{"attribute_code": code, "value": value} for code, value in attributes.items()],
    }
    return product | ({} if article.weight is None else {"weight": article.weight})


def fixed(path: str, template: str, base_url: str) -> list[Document] | Document | None:
    """Store configuration lists, by REST path; None for a path that is not one of them."""
    if path == "store/storeConfigs":
        return [_config(1, "default", template, base_url), _config(2, "de", template, base_url)]
    if path == "store/storeViews":
        return [
            _view(1, "default", "Default Store View"),
            _view(0, "admin", "Admin"),
            _view(2, "de", "Deutsch"),
        ]
    if path == "store/websites":
        return [
            {"id": 1, "code": "base", "name": "Main Website", "default_group_id": 1},
            {"id": 0, "code": "admin", "name": "Admin", "default_group_id": 0},
            {"id": 2, "code": "eu", "name": "EU Website", "default_group_id": 2},
        ]
    if path == "customerGroups/search":
        items = [
            {"id": id, "code": code, "tax_class_id": 3, "tax_class_name": "Retail Customer"}
            for id, code in enumerate(GROUPS)
        ]
        return {"items": items, "search_criteria": {"filter_groups": []}, "total_count": len(items)}
    return None


def _config(id: int, code: str, template: str, base_url: str) -> Document:
    europe = template == "eu_vat"
    urls = {f"{kind}{name}_url": f"{base_url}/" for kind in ("", "secure_") for name in ("base", "base_link")}
    return {
        "id": id,
        "code": code,
        "website_id": id,
        "locale": "en_US",
        "base_currency_code": "EUR" if europe else "USD",
        "default_display_currency_code": "EUR" if europe or id == 2 else "USD",
        "timezone": "Europe/Berlin" if europe or id == 2 else "America/New_York",
        "weight_unit": "lbs",
        **urls,
    }


def _view(id: int, code: str, name: str) -> Document:
    return {"id": id, "code": code, "name": name, "website_id": id, "store_group_id": id, "is_active": 1}
