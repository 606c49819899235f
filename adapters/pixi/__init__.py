"""The ERP pixi* behind `domain.ports.Erp` and `domain.ports.ErpChanges`; no word of pixi leaves this package."""

from adapters.pixi.adapter import PixiErp
from adapters.pixi.connection import Limits, PixiConnection
from adapters.pixi.probe import PixiProbe

__all__ = ["Limits", "PixiConnection", "PixiErp", "PixiProbe"]
