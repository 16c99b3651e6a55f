"""What every room uses: errors, files, keys, names loaded when first used."""
