"""Everything behind ./huolie. Not part of the addons; Odoo never imports it."""
