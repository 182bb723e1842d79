"""The parts of an address, as the OpenAPI document describes them."""

from typing import Annotated

from ninja import Path

Ref = Annotated[str, Path(..., description="A card's reference, such as FRAUD-42.")]
Key = Annotated[str, Path(..., description="The key of the token's team, such as FRAUD.")]
