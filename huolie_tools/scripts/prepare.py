# Run in an Odoo shell on the finished template: build the asset bundles once, so
# that the first page of every clone is as fast as the second.
env["ir.qweb"]._pregenerate_assets_bundles()  # noqa: F821
env.cr.commit()  # noqa: F821
