"""Custom fields of customers and items: data extensions of the owner 0 (Intuit, "DataExtAdd", "DataExtMod").

A field has to be defined for the list before a value is written, an Add writes where no value is, a Mod where one is,
and a Mod cannot clear. Either changes the object's TimeModified. Intuit names status 3180 for an Add that cannot be;
all such refusals have it here.
"""

from collections.abc import Collection, Mapping

from deploy.sandbox.desktop_shapes import Object
from deploy.sandbox.desktop_status import Refused
from deploy.sandbox.desktop_store import ITEMS, Store

OWNER = "0"
LONGEST = 255
_ENTITIES: Mapping[str, tuple[str, ...]] = {"Customer": ("Customer",), "Item": ITEMS}
_WORDS = 'There was an error when saving the data extension "{name}".  QuickBooks error message: {why}'


def write(store: Store, defined: Mapping[str, Collection[str]], operation: str, fields: Object) -> Object:
    """Sets a custom field (`operation` Add or Mod) and returns it. Refused 3070, 3140, 3150, 3180."""
    name, value, of = fields["DataExtName"], fields["DataExtValue"], fields["ListDataExtType"]
    if fields["OwnerID"] != OWNER or name not in defined.get(of, ()):
        raise _refused(name, f"It is not defined for the list {of}.")
    one = store.referred(_ENTITIES[of], "ListObjRef", fields["ListObjRef"], "DataExt")
    entity = next(entity for entity in _ENTITIES[of] if one["ListID"] in store.objects[entity])
    others = [each for each in one.get("DataExtRet", ()) if each["DataExtName"] != name]
    if (operation == "Mod") != (len(others) < len(one.get("DataExtRet", ()))):
        raise _refused(name, "It has a value already." if operation == "Add" else "It has no value.")
    if not value:
        raise _refused(name, "The value is empty.")
    if len(value) > LONGEST:
        raise Refused(3070, f'The string "{value}" in the field "DataExtValue" is too long.')
    made = {"OwnerID": OWNER, "DataExtName": name, "DataExtType": "STR255TYPE", "DataExtValue": value}
    store.change(entity, one, {"DataExtRet": [*others, made]})
    return made


def shown(one: Object, owners: Collection[str] = ()) -> Object:
    """An object as it is answered: with its custom fields only to who asks for the owner 0."""
    return one if OWNER in owners else {name: value for name, value in one.items() if name != "DataExtRet"}


def _refused(name: str, why: str) -> Refused:
    return Refused(3180, _WORDS.format(name=name, why=why))
