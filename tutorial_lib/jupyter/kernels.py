"""The notebooks' kernel in the course's JupyterLab: always the Python that the course is installed for."""

from __future__ import annotations

from ipykernel.kernelspec import RESOURCES, get_kernel_dict
from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpec, KernelSpecManager


class CourseKernels(KernelSpecManager):
    """The user's kernels, except that `python3`, which the lessons name, is this Python.

    A `python3` of the user's own, as `ipykernel install --user` leaves one behind, is another Python: without
    the course, or with other versions.
    """

    def find_kernel_specs(self) -> dict[str, str]:
        """Names of kernels, each with the folder of its icons."""
        return {**super().find_kernel_specs(), NATIVE_KERNEL_NAME: RESOURCES}

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """The kernel of a name."""
        if kernel_name == NATIVE_KERNEL_NAME:
            return KernelSpec(resource_dir=RESOURCES, **get_kernel_dict())
        found: KernelSpec = super().get_kernel_spec(kernel_name)
        return found
